-- The views of dashboard in version 0001.

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

CREATE TABLE dashboard_complaint (
    complaint_id VARCHAR NOT NULL,
    merchant_id VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    priority VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    turn VARCHAR NOT NULL,
    is_open BIGINT NOT NULL,
    cycle BIGINT NOT NULL,
    version BIGINT NOT NULL,
    band VARCHAR,
    specialist_id VARCHAR,
    filed_at BIGINT NOT NULL,
    accepted_at BIGINT,
    first_assigned_at BIGINT,
    resolved_at BIGINT,
    closed_at BIGINT,
    PRIMARY KEY (complaint_id)
);
CREATE INDEX dashboard_complaint_load ON dashboard_complaint (is_open, specialist_id);
CREATE INDEX dashboard_complaint_open ON dashboard_complaint (is_open, status, turn);

CREATE TABLE dashboard_routing (
    complaint_id VARCHAR NOT NULL,
    decided_cycle BIGINT NOT NULL,
    outcome VARCHAR NOT NULL,
    decided_at BIGINT NOT NULL,
    waiting_since BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    PRIMARY KEY (complaint_id)
);
CREATE INDEX dashboard_routing_outcome ON dashboard_routing (outcome);

CREATE TABLE dashboard_clock (
    clock_id VARCHAR NOT NULL,
    complaint_id VARCHAR NOT NULL,
    cycle BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    party VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    responsible_id VARCHAR,
    started_at BIGINT,
    due_at BIGINT,
    ended VARCHAR,
    ended_at BIGINT,
    breached_at BIGINT,
    warned_percent BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    PRIMARY KEY (clock_id)
);
CREATE INDEX dashboard_clock_breached ON dashboard_clock (state, breached_at);
CREATE INDEX dashboard_clock_due ON dashboard_clock (state, due_at);
CREATE INDEX dashboard_clock_kind ON dashboard_clock (kind, state, party);

CREATE TABLE dashboard_lapse (
    clock_id VARCHAR NOT NULL,
    PRIMARY KEY (clock_id)
);

CREATE TABLE dashboard_specialist (
    specialist_id VARCHAR NOT NULL,
    team_id VARCHAR,
    tier BIGINT DEFAULT '0' NOT NULL,
    capacity BIGINT DEFAULT '0' NOT NULL,
    online BIGINT DEFAULT '0' NOT NULL,
    online_since BIGINT,
    PRIMARY KEY (specialist_id)
);

CREATE TABLE dashboard_counter (
    name VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (name, label)
);

CREATE TABLE dashboard_feed_event (
    id BIGSERIAL NOT NULL,
    source VARCHAR NOT NULL,
    partition BIGINT NOT NULL,
    gpos BIGINT NOT NULL,
    key VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    to_consumer BIGINT NOT NULL,
    to_merchant BIGINT NOT NULL,
    envelope BYTEA NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX dashboard_feed_place ON dashboard_feed_event (source, partition, gpos);

CREATE TABLE dashboard_feed_head (
    source VARCHAR NOT NULL,
    partition BIGINT NOT NULL,
    head_gpos BIGINT NOT NULL,
    floor_gpos BIGINT NOT NULL,
    PRIMARY KEY (source, partition)
);
