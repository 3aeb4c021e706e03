"""The engines: writer, reader, policy runner, timers. Step functions without threads or clocks of their own."""
