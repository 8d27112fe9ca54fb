-- The views of routing in version 0001.

CREATE TABLE routing_specialist (
    specialist_id VARCHAR NOT NULL,
    team_id VARCHAR,
    online BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (specialist_id)
);
CREATE INDEX ix_routing_specialist_team_id ON routing_specialist (team_id);

CREATE TABLE routing_assignment (
    complaint_id VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    cycle BIGINT NOT NULL,
    score BIGINT NOT NULL,
    band VARCHAR NOT NULL,
    needed_tier BIGINT NOT NULL,
    effort_minutes BIGINT NOT NULL,
    waiting_since BIGINT NOT NULL,
    outcome VARCHAR,
    specialist_id VARCHAR,
    reasons VARCHAR NOT NULL,
    sentence VARCHAR NOT NULL,
    PRIMARY KEY (complaint_id)
);
CREATE INDEX ix_routing_assignment_state ON routing_assignment (state);

CREATE TABLE complaint_access (
    complaint_id VARCHAR NOT NULL,
    consumer_id VARCHAR NOT NULL,
    merchant_id VARCHAR NOT NULL,
    specialist_id VARCHAR,
    team_id VARCHAR,
    PRIMARY KEY (complaint_id)
);
CREATE INDEX ix_complaint_access_consumer_id ON complaint_access (consumer_id);
CREATE INDEX ix_complaint_access_merchant_id ON complaint_access (merchant_id);
CREATE INDEX ix_complaint_access_specialist_id ON complaint_access (specialist_id);
