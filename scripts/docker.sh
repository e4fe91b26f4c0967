#!/usr/bin/env bash
# Builds the three images with Docker or Podman: mission-control, mc-agent and mc, tagged with this version.
#   MC_IMAGE_PREFIX   goes before each name: registry.example.com/team/
#   MC_IMAGE_TAG      instead of the version
#   KUBECTL_VERSION, KUBECTL_SHA256   the kubectl beside the agent; without a checksum the one that is published with it is taken, and said
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version() { sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml; }

builder() {
  if have docker; then
    echo docker
  elif have podman; then
    echo podman
  else
    die "neither docker nor podman is installed: install one (Debian: apt install docker.io docker-buildx, or podman)"
  fi
}

# What the build will run on, as Kubernetes names it.
machine() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) die "there is no kubectl for $(uname -m) here: say KUBECTL_SHA256" ;;
  esac
}

kubectl_version=${KUBECTL_VERSION:-1.37.1}
kubectl_checksum() {
  if [ -n "${KUBECTL_SHA256:-}" ]; then
    echo "$KUBECTL_SHA256"
    return
  fi
  local published
  need_commands curl=curl
  published=$(curl --proto '=https' --tlsv1.2 -fsSL --retry 2 "https://dl.k8s.io/release/v$kubectl_version/bin/linux/$(machine)/kubectl.sha256") ||
    die "the checksum of kubectl $kubectl_version cannot be fetched: say KUBECTL_SHA256"
  say "kubectl $kubectl_version: taking the published checksum $published; pin it by KUBECTL_SHA256=$published"
  echo "$published"
}

build_image() {
  "$program" build --file deploy/container/Dockerfile --target "$1" --tag "${MC_IMAGE_PREFIX:-}$1:$tag" \
    --build-arg "KUBECTL_VERSION=$kubectl_version" --build-arg "KUBECTL_SHA256=$checksum" .
}

program=$(builder)
tag=${MC_IMAGE_TAG:-$(version)}
checksum=$(kubectl_checksum)
export DOCKER_BUILDKIT=1
for image in mission-control mc-agent mc; do
  step "image $image" build_image "$image"
done
say "built: ${MC_IMAGE_PREFIX:-}{mission-control,mc-agent,mc}:$tag"
