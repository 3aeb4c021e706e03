"""Personal data: collected for a purpose, read by who has a task, gone when the response is over (PIPL; ERL art. 83-85)."""
