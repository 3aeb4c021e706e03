#!/bin/sh
# Run once, when the data folder is made: a database and a role for each service, which reaches no other database.
# Texts are compared bytewise, whatever the machine's language.
set -eu
secrets=${ORTOO_SECRETS:-/run/secrets}
for service in registry alerts privacy volunteers resources compensation vault front filter; do
    PASSWORD=$(cat "$secrets/postgres_$service") psql -X -q -v ON_ERROR_STOP=1 -v role="ortoo_$service" -U postgres -d postgres <<'SQL'
\set password `printf %s "$PASSWORD"`
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C';
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL
done
