# Read by ./run and ./test, which set $here to the checkout: makes $here/.venv from a lock with hashes.
#
# .venv/made-from says what it was made from: one line for each lock, one for the interpreter. It is written last and
# taken away first, so an interrupted installation never counts as done. The workshop's lock holds all of the service's:
# a .venv made for ./test serves ./run, and one that was a workshop once is made a workshop again.

made_from=$here/.venv/made-from
venv_python=$here/.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# On a terminal a long step shows itself; elsewhere only what went wrong is worth a line.
tell() { if [ -t 2 ]; then say "$@"; fi; }

lock_line() { printf '%s %s\n' "$1" "$(cksum <"$here/$1")"; }

# The link's end, so that an interpreter that was upgraded from 3.11 to 3.13 is seen.
python_line() { printf 'python %s\n' "$(readlink -f "$venv_python")"; }

# made LOCK...: whether .venv was made from these locks as they are now, by an interpreter that is still there.
made() {
    [ -x "$venv_python" ] && [ -f "$made_from" ] && grep -qxF "$(python_line)" "$made_from" || return 1
    for lock in "$@"; do
        grep -qxF "$(lock_line "$lock")" "$made_from" || return 1
    done
}

# fits INTERPRETER CONDITION
fits() { "$1" -c "import sys; sys.exit(not ($2))" >/dev/null 2>&1; }

# Prints the interpreter to make .venv with: of the versions we test if there is one, else a later one.
interpreter() {
    set -- python3 python3.13 python3.12 python3.11
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; fi
    for condition in '(3, 11) <= sys.version_info < (3, 14)' '(3, 11) <= sys.version_info'; do
        for candidate in "$@"; do
            if fits "$candidate" "$condition"; then
                printf '%s\n' "$candidate"
                return
            fi
        done
    done
    if [ -n "${PYTHON:-}" ]; then
        say "PYTHON=$PYTHON is not a Python of 3.11 or later. PYTHON 指定的不是 3.11 或更高版本。"
    else
        say 'Python 3.11 or later is needed and was not found: install it (Debian: apt install python3 python3-venv),'
        say 'or set PYTHON to where it is. 需要 Python 3.11 或更高版本。'
    fi
    return 1
}

# with_venv INTERPRETER: says what to install when Debian's python3 came without venv.
with_venv() {
    fits "$1" '__import__("venv") and __import__("ensurepip")' && return
    say "$1 has no venv module: install it (Debian: apt install python3-venv), then start again."
    say '缺少 venv 模块：请安装 python3-venv 后重试。'
    return 1
}

# make LOCK...: bring .venv to these locks; the last one is the largest.
make() {
    python=$(interpreter) && with_venv "$python" || return 1
    # Two who start at once: the second waits, then finds it done. The kernel frees this lock however we end; it is
    # taken through Python because flock(1) is not everywhere.
    exec 9<"$here/requirements.lock"
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    if ! made "$@"; then
        install "$@" || { exec 9<&-; return 1; }
    fi
    exec 9<&-
}

install() {
    if [ -f "$made_from" ] && [ -x "$venv_python" ] && grep -qxF "$(python_line)" "$made_from"; then
        # A whole environment of older locks: only what differs is fetched.
        tell 'Bringing .venv up to date … 正在更新运行环境'
        rm -f "$made_from"
    else
        tell 'Making .venv, once; a minute or two … 正在准备运行环境（仅首次，约一两分钟）'
        rm -f "$made_from"
        "$python" -m venv --clear "$here/.venv" || return 1
    fi
    for largest in "$@"; do :; done
    quiet=-qq  # warnings too; errors are shown
    if [ -t 2 ]; then quiet=; fi
    if ! "$venv_python" -m pip install $quiet --no-input --disable-pip-version-check --require-hashes --no-deps \
        -r "$here/$largest" >&2; then
        say "The packages of $largest could not be installed; what pip said is above. Start again to try again."
        say '依赖包安装失败，原因见上；请排除后重试。'
        return 1
    fi
    { python_line; for lock in "$@"; do lock_line "$lock"; done; } >"$made_from.new"
    mv "$made_from.new" "$made_from"
}

# need LOCK...: make .venv if it is not what these locks say.
need() {
    made "$@" && return
    if [ $# -eq 1 ] && [ -f "$made_from" ] && grep -q '^requirements-dev.lock ' "$made_from"; then
        set -- "$1" requirements-dev.lock
    fi
    make "$@"
}
