"""One small dialect of SQL over two drivers: SQLite files and schemas of a PostgreSQL database."""
