#!/usr/bin/env bash
# Makes the samples beside it with openssl 3. All keys are for these tests only and protect nothing. Password: swordfish
set -eu
cd "$(dirname "$0")"
rm -f ./*.pem
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

certificate() { # name, key file
  openssl req -x509 -new -key "$2" -subj "/CN=$1.test" -days 36500 -addext "subjectAltName=DNS:$1.test"
}
sample() { # name, key file as it is to stand in the sample, plain key file
  { echo "A key for tests only: $1."; certificate "$1" "$3"; cat "$2"; } > "$1.pem"
}

openssl genrsa -traditional -out "$tmp/rsa1" 2048
openssl pkcs8 -topk8 -nocrypt -in "$tmp/rsa1" -out "$tmp/rsa8"
sample rsa-pkcs1 "$tmp/rsa1" "$tmp/rsa8"
sample rsa-pkcs8 "$tmp/rsa8" "$tmp/rsa8"
for curve in prime256v1 secp384r1 secp521r1; do
  openssl ecparam -genkey -name "$curve" -out "$tmp/$curve-sec1"          # with EC PARAMETERS in front
  openssl pkcs8 -topk8 -nocrypt -in "$tmp/$curve-sec1" -out "$tmp/$curve"
  sample "$curve-sec1" "$tmp/$curve-sec1" "$tmp/$curve"
  sample "$curve-pkcs8" "$tmp/$curve" "$tmp/$curve"
done
openssl genpkey -algorithm ed25519 -out "$tmp/ed25519"
sample ed25519 "$tmp/ed25519" "$tmp/ed25519"
openssl genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out "$tmp/rsa-pss"
sample rsa-pss "$tmp/rsa-pss" "$tmp/rsa-pss"

encrypted() { # name, options of openssl pkcs8
  local name=$1
  shift
  openssl pkcs8 -topk8 -in "$tmp/prime256v1" -passout pass:swordfish -out "$tmp/$name" "$@"
  sample "$name" "$tmp/$name" "$tmp/prime256v1"
}
encrypted encrypted-aes256-sha256 -v2 aes-256-cbc -v2prf hmacWithSHA256
encrypted encrypted-aes192-sha384 -v2 aes-192-cbc -v2prf hmacWithSHA384
encrypted encrypted-aes128-sha1 -v2 aes-128-cbc -v2prf hmacWithSHA1
encrypted encrypted-aes128-sha224 -v2 aes-128-cbc -v2prf hmacWithSHA224
encrypted encrypted-des3-sha512 -v2 des3 -v2prf hmacWithSHA512
encrypted encrypted-scrypt -scrypt
encrypted encrypted-pbes1 -v1 PBE-SHA1-3DES
openssl rsa -aes128 -traditional -in "$tmp/rsa1" -passout pass:swordfish -out "$tmp/legacy"
sample encrypted-legacy "$tmp/legacy" "$tmp/rsa8"

openssl ecparam -genkey -name secp256k1 -noout -out "$tmp/k1"
sample secp256k1 "$tmp/k1" "$tmp/prime256v1"
openssl ecparam -genkey -name prime256v1 -param_enc explicit -noout -out "$tmp/explicit"
sample explicit-curve "$tmp/explicit" "$tmp/prime256v1"
openssl dsaparam -genkey -noout -out "$tmp/dsa" 1024
openssl pkcs8 -topk8 -nocrypt -in "$tmp/dsa" -out "$tmp/dsa8"
sample dsa "$tmp/dsa8" "$tmp/prime256v1"
{ cat ed25519.pem; openssl dhparam 512; } > with-dh-parameters.pem

# A chain of three: leaf, intermediate, root.
name() { openssl req -new -key "$1" -subj "/CN=$2"; }
printf 'basicConstraints=critical,CA:TRUE\n' > "$tmp/ca.ext"
openssl genpkey -algorithm ed25519 -out "$tmp/root-key"
openssl genpkey -algorithm ed25519 -out "$tmp/below-key"
openssl genpkey -algorithm ed25519 -out "$tmp/leaf-key"
openssl req -x509 -new -key "$tmp/root-key" -subj /CN=root -days 36500 -out "$tmp/root"
name "$tmp/below-key" below |
  openssl x509 -req -CA "$tmp/root" -CAkey "$tmp/root-key" -set_serial 2 -days 36500 -extfile "$tmp/ca.ext" -out "$tmp/below"
name "$tmp/leaf-key" leaf |
  openssl x509 -req -CA "$tmp/below" -CAkey "$tmp/below-key" -set_serial 3 -days 36500 -out "$tmp/leaf"
cat "$tmp/leaf" "$tmp/below" "$tmp/root" "$tmp/leaf-key" > chain.pem
cat "$tmp/below" "$tmp/leaf" "$tmp/root" "$tmp/leaf-key" > chain-out-of-order.pem
