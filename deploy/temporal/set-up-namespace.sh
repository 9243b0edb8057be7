#!/bin/sh
# Makes the namespace and its search attributes. Safe to repeat. TEMPORAL_* say where, as for every Temporal tool.
set -eu

namespace=$TEMPORAL_NAMESPACE
# A run that waits for days must still be readable when it is asked about.
retention=720h

if ! temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$namespace" --retention "$retention"
fi
# Right after its making the namespace is not yet known everywhere.
tries=30
until temporal operator search-attribute list --namespace "$namespace" >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "the namespace $namespace does not answer" >&2; exit 1; }
  sleep 2
done

known=$(temporal operator search-attribute list --namespace "$namespace")
add() {
  case "$known" in
    *"$1"*) ;;
    *) temporal operator search-attribute create --namespace "$namespace" --name "$1" --type "$2" ;;
  esac
}
for name in TenantId AgentId ActionType ActionState RiskClass TeamId BundleDigest AgentState; do add "$name" Keyword; done
add WaitingOn KeywordList
