#!/bin/sh
# Makes every key, password and certificate that docker-compose.yml asks for, once, on the machine that holds them.
# What is there stays: run it again after adding something, or after deleting what is to be replaced.
#
#   sh deploy/create-secrets.sh [directory]     (default: deploy/secrets)
#
# The directory is closed to everybody else on this machine. The files in it are not closed by themselves: each is handed to one
# container, which runs under an account that this machine does not know.
set -eu

root=${1:-$(dirname "$0")/secrets}
# Hosts as the compose file names them.
postgres=${POSTGRES_HOST:-postgres}
temporal=${TEMPORAL_HOST:-temporal}

umask 022
mkdir -p "$root"
chmod 700 "$root"
cd "$root"
mkdir -p signer postgres urls tls channels keys/gateway keys/workflows keys/effects/secrets keys/auditor/retired
chmod 700 signer

absent() { [ ! -s "$1" ]; }
random() { openssl rand -hex 24 | tr -d '\n'; }

# --- passwords, and the URLs that hold them -----------------------------------------------------------------------------------------
for name in superuser temporal; do
  if absent "postgres/$name-password"; then random > "postgres/$name-password"; fi
done
for name in metrics-token grafana-admin-password; do
  if absent "$name"; then random > "$name"; fi
done
# What only Slack and the mail server can give; compose wants a file, and an empty one means that nobody is asked there.
for name in slack-bot-token slack-signing-secret smtp-url; do
  [ -e "channels/$name" ] || : > "channels/$name"
done
if absent postgres/roles.json; then
  roles=''
  for role in owner gateway worker loops auditor; do
    password=$(random)
    roles="$roles${roles:+,}\"$role\":\"$password\""
    printf 'postgres://countersign_%s:%s@%s:5432/countersign' "$role" "$password" "$postgres" > "urls/$role"
  done
  printf '{%s}' "$roles" > postgres/roles.json
fi
printf 'postgres://postgres:%s@%s:5432/countersign' "$(cat postgres/superuser-password)" "$postgres" > urls/superuser

# --- signing keys: the private half where it is used, the public half where it is checked -------------------------------------------
signing_key() { # <name> <directory of the private half>
  if absent "$2/$1.key.pem"; then openssl genpkey -algorithm ed25519 -out "$2/$1.key.pem"; fi
  openssl pkey -in "$2/$1.key.pem" -pubout -out "$2/$1.pub.pem"
  chmod 644 "$2/$1.key.pem"
}
# Once signer/ is elsewhere, the originals of what came from it are there: others in their place would open nothing.
elsewhere() { absent "signer/$1" && ! absent "keys/gateway/$2"; } # <original> <what the gateway holds of it>
if ! elsewhere bundle.key.pem bundle.pub.pem; then
  signing_key bundle signer
  for process in gateway workflows effects; do cp signer/bundle.pub.pem "keys/$process/"; done
fi
signing_key checkpoint keys/workflows
signing_key effects keys/effects
signing_key facts keys/effects
signing_key agents keys/gateway
cp keys/workflows/checkpoint.pub.pem keys/auditor/
cp keys/effects/effects.pub.pem keys/effects/facts.pub.pem keys/effects/facts.key.pem keys/gateway/

# --- the key of the payloads in Temporal ---------------------------------------------------------------------------------------------
if ! elsewhere codec.json codec.json; then
  if absent signer/codec.json; then
    printf '{"current":"k1","keys":{"k1":"%s"}}' "$(openssl rand -base64 32 | tr -d '\n')" > signer/codec.json
  fi
  for process in gateway workflows effects; do cp signer/codec.json "keys/$process/"; done
fi

# --- Temporal speaks TLS, and only to who has a certificate of this authority -------------------------------------------------------
certificate() { # <name> <subject> <alternative names>
  if absent "tls/$1.pem"; then
    if absent signer/ca.key.pem; then
      echo "tls/$1.pem is missing, and what signs it is elsewhere: bring signer/ back for this, and take it away again." >&2
      exit 1
    fi
    openssl req -newkey rsa:2048 -nodes -keyout "tls/$1.key.pem" -subj "/CN=$2" -out "tls/$1.csr" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$3" > "tls/$1.ext"
    openssl x509 -req -in "tls/$1.csr" -CA tls/ca.pem -CAkey signer/ca.key.pem -CAcreateserial -days 825 \
      -extfile "tls/$1.ext" -out "tls/$1.pem" 2>/dev/null
    rm "tls/$1.csr" "tls/$1.ext"
    chmod 644 "tls/$1.key.pem"
  fi
}
if absent tls/ca.pem; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout signer/ca.key.pem -subj '/CN=Countersign Temporal CA' -out tls/ca.pem 2>/dev/null
fi
certificate server "$temporal" "DNS:$temporal,DNS:localhost,IP:127.0.0.1"
certificate client countersign 'DNS:countersign'
rm -f tls/ca.srl

echo "Everything is in $(pwd)."
echo "Take signer/ off this machine now: what is in it signs policy and certificates, and no process needs it."
