"""Hours of service and what certifies them."""
