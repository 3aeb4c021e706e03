#!/bin/sh
# Which centre may read what on the broker. Made by `python -m tools.acls` from infra/audiences.toml: change that, not this.
# Our own processes need no grant: who comes over the listener inside is trusted, see infra/centres.yml.
# Run it where Kafka's programs are, as an administrator:
#   KAFKA_ACLS="kafka-acls.sh --bootstrap-server kafka:9092" sh infra/acls.sh
# It adds and never takes away; what an audience had that is no more goes with kafka-acls.sh --remove.
set -eu
p=${ORTOO_PROVINCE:-150000}
allow() {
    who=$1
    shift
    ${KAFKA_ACLS:?} --add --allow-principal "User:$who" "$@"
}

# 鄂温克族自治旗应急指挥中心 Emergency command centre of Evenk Autonomous Banner
allow centre-150724 --operation Read --operation Describe --topic "$p.to.150724"
allow centre-150724 --operation Read --operation Describe --group "$p.to.150724." --resource-pattern-type prefixed
