-- The views of sla in version 0001.

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

CREATE TABLE clock (
    clock_id VARCHAR NOT NULL,
    complaint_id VARCHAR NOT NULL,
    cycle BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    party VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    responsible_id VARCHAR,
    policy_version VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    started_at BIGINT NOT NULL,
    due_at BIGINT,
    warned_percent BIGINT,
    breached_at BIGINT,
    stopped_at BIGINT,
    in_time BIGINT,
    counted_seconds BIGINT,
    cancelled_at BIGINT,
    cancel_reason VARCHAR,
    PRIMARY KEY (clock_id)
);
CREATE INDEX clock_by_due ON clock (state, due_at);
CREATE INDEX clock_of_complaint ON clock (complaint_id, started_at);

CREATE TABLE breach (
    id VARCHAR NOT NULL,
    clock_id VARCHAR NOT NULL,
    breached_at BIGINT NOT NULL,
    responsible_id VARCHAR,
    withdrawn_at BIGINT,
    PRIMARY KEY (id)
);
CREATE INDEX breach_by_time ON breach (breached_at);
CREATE INDEX breach_of_clock ON breach (clock_id);
