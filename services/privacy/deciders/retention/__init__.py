"""What becomes of the data of an incident once the response is over."""
