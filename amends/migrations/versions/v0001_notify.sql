-- The views of notify in version 0001.

CREATE TABLE notifications (
    notification_id VARCHAR NOT NULL,
    complaint_id VARCHAR NOT NULL,
    cycle BIGINT NOT NULL,
    cause_id VARCHAR NOT NULL,
    recipient_role VARCHAR NOT NULL,
    recipient_id VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    template VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    text_sha256 VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    attempts BIGINT NOT NULL,
    reason VARCHAR,
    queued_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (notification_id)
);
CREATE INDEX ix_notifications_complaint_id ON notifications (complaint_id);
CREATE INDEX ix_notifications_recipient_id ON notifications (recipient_id);

CREATE TABLE follow_ups (
    follow_up_id VARCHAR NOT NULL,
    complaint_id VARCHAR NOT NULL,
    cycle BIGINT NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR,
    due_at BIGINT NOT NULL,
    sent_at BIGINT,
    reminded BOOLEAN NOT NULL,
    ended_at BIGINT,
    result VARCHAR,
    speed BIGINT,
    attitude BIGINT,
    outcome BIGINT,
    ratings_only BOOLEAN NOT NULL,
    PRIMARY KEY (follow_up_id)
);
CREATE INDEX ix_follow_ups_complaint_id ON follow_ups (complaint_id);

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
