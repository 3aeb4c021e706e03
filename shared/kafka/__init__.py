"""Kafka: topics as declared, the relay's way in, the readers' way out."""
