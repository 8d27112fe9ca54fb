"""Events between services through Apache Kafka: records, relay, feed. Nothing else knows of it."""
