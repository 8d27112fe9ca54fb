-- The views of intake in version 0001.

CREATE TABLE complaint_list (
    complaint_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    turn VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    priority VARCHAR NOT NULL,
    cycle BIGINT NOT NULL,
    version BIGINT NOT NULL,
    filed_at BIGINT NOT NULL,
    accepted_at BIGINT,
    resolved_at BIGINT,
    closed_at BIGINT,
    PRIMARY KEY (complaint_id)
);
CREATE INDEX ix_complaint_list_status ON complaint_list (status);

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
