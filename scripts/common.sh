# Sourced by the other scripts: .env, the virtual environment, one plain sentence when something is missing.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
VENV="$PWD/.venv"
PYTHON="$VENV/bin/python"

say() { printf '%s\n' "$*" >&2; }
die() { say "$1"; say "$2"; exit 1; }

# NAME=value lines; what the environment already says wins.
load_env() {
    [ -f .env ] || return 0
    local line name value
    while IFS= read -r line || [ -n "$line" ]; do
        line="${line%$'\r'}"
        [[ "$line" =~ ^[[:space:]]*([A-Z_][A-Z0-9_]*)=(.*)$ ]] || continue
        name="${BASH_REMATCH[1]}"
        value="${BASH_REMATCH[2]%%[[:space:]]#*}"
        value="${value%"${value##*[![:space:]]}"}"
        [[ "$value" =~ ^\"(.*)\"$ || "$value" =~ ^\'(.*)\'$ ]] && value="${BASH_REMATCH[1]}"
        [ -n "${!name+set}" ] || export "$name=$value"
    done < .env
}

# ensure_venv LOCKFILE: make .venv and install the lock, once per content of the lock.
ensure_venv() {
    local lock="$1" stamp
    command -v python3 > /dev/null || die \
        "缺少 Python：请安装 Python 3.11 或更高版本（Debian：apt install python3 python3-venv）。" \
        "Python is missing: install Python 3.11 or newer (Debian: apt install python3 python3-venv)."
    stamp="$VENV/.$(basename "$lock" .txt)-$(sha256sum "$lock" | cut -c1-16)"
    if [ -f "$stamp" ] && "$PYTHON" -c "" 2> /dev/null; then return; fi
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die \
        "Python 版本过低：需要 3.11 或更高版本，现在是 $(python3 -V)。" \
        "Python is too old: 3.11 or newer is needed, this is $(python3 -V)."
    python3 -c 'import ensurepip, venv' 2> /dev/null || die \
        "缺少 Python 的 venv 模块：请安装后重试（Debian：apt install python3-venv）。" \
        "Python's venv module is missing: install it and try again (Debian: apt install python3-venv)."
    say "正在安装所需的软件包（只在第一次和更新后需要）… / Installing packages …"
    "$PYTHON" -c "" 2> /dev/null || python3 -m venv --clear "$VENV"
    "$PYTHON" -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock" || die \
        "软件包安装未成功：请检查网络或软件源后再试一次。" \
        "Packages could not be installed: check the network or the package index and try again."
    rm -f "$VENV/.$(basename "$lock" .txt)-"*
    touch "$stamp"
}
