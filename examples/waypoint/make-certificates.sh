#!/bin/sh
# Makes the certificates of this example in its folder: two authorities, and what they sign. Who
# somebody is stands in a URI, as SPIFFE has it.
set -eu
cd "$(dirname "$0")"

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -out "$1.pem" -days 30 -subj "/O=$2" 2>/dev/null
}

# A certificate: its file, its identity, its authority.
sign() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -out "$1.csr" -subj "/O=Mesh" 2>/dev/null
  printf 'subjectAltName=URI:%s\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n' \
    "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 30 \
    -out "$1.pem" -extfile "$1.ext" 2>/dev/null
  rm "$1.csr" "$1.ext"
}

authority ca "Mesh CA"
authority other-ca "Some other CA"
sign waypoint spiffe://cluster.local/ns/shop/sa/waypoint ca
sign ztunnel spiffe://cluster.local/ns/shop/sa/reviews ca
sign gateway spiffe://cluster.local/ns/istio-system/sa/eastwest ca
sign storefront spiffe://cluster.local/ns/shop/sa/storefront ca
sign stranger spiffe://cluster.local/ns/shop/sa/storefront other-ca
