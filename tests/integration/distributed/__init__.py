"""The platform on real PostgreSQL and Kafka, on virtual time."""
