#!/usr/bin/env bash
# generate-etcd.sh PLUGINS: writes the Swift of Sources/Fleet/Etcd/Protocol/etcd.proto anew.
#
# PLUGINS is a directory with protoc-gen-swift (of swift-protobuf) and protoc-gen-grpc-swift-2 (of grpc-swift-protobuf),
# built from the versions that Package.swift names; protoc is Debian's protobuf-compiler. What comes out is committed, so
# that nobody who builds needs either.
set -euo pipefail
plugins=$(realpath "${1:?a directory with protoc-gen-swift and protoc-gen-grpc-swift-2}")
cd "$(dirname "$0")/../Sources/Fleet/Etcd/Protocol"
protoc --plugin=protoc-gen-swift="$plugins/protoc-gen-swift" \
    --plugin=protoc-gen-grpc-swift-2="$plugins/protoc-gen-grpc-swift-2" \
    --swift_out=. --swift_opt=Visibility=Internal,UseAccessLevelOnImports=true \
    --grpc-swift-2_out=. --grpc-swift-2_opt=Server=false,Visibility=Internal,UseAccessLevelOnImports=true etcd.proto
