#!/bin/sh
# Makes the passwords that docker-compose.yml mounts, each in a file of its own; those that are there stay as they are.
# The folder is for its owner only; the files can be read by the users inside the containers, who are others.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p -m 700 "$folder"
for name in postgres postgres_registry postgres_alerts postgres_privacy postgres_volunteers postgres_resources postgres_compensation postgres_vault \
    postgres_front postgres_filter; do
    if [ ! -s "$folder/$name" ]; then
        od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$folder/$name"
        chmod 444 "$folder/$name"
    fi
done
if [ ! -e "$folder/smtp" ]; then # the password of the mail server, where there is one
    : > "$folder/smtp"
    chmod 444 "$folder/smtp"
fi
