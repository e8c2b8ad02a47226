# SPDX-License-Identifier: Apache-2.0
#
# Made by contrib/completions/make-completions from the tool's own help: change that, not this.

_vigil() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]-}
    local words= options= file= values=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "status beds alerts acknowledge accept reject release silence shelve reset judge note pause assign admit transfer discharge episodes doctor audit explain history export report backup restore store protocol replay simulate user watch --help --version" -- "$cur")
        return
    fi
    case $command in
    status)
        options="--help --json --set -c"
        case $prev in
        --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    beds)
        options="--from --help --json --set -c"
        case $prev in
        --from | --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    alerts)
        options="--help --json --patient --set --state --ward --watch -c"
        case $prev in
        --patient | --set | --ward) values=@none ;;
        --state) values="open closed all" ;;
        -c) values=@file ;;
        esac
        ;;
    acknowledge)
        options="--by --help --json --rev --set --ward -c"
        case $prev in
        --by | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    accept)
        options="--all-of --by --help --json --rev --set --ward -c"
        case $prev in
        --all-of | --by | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    reject)
        options="--by --help --json --reason --rev --set --ward -c"
        case $prev in
        --by | --reason | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    release)
        options="--by --help --json --rev --set --ward -c"
        case $prev in
        --by | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    silence)
        options="--by --for --help --json --rev --set --ward -c"
        case $prev in
        --by | --for | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    shelve)
        options="--by --for --help --json --reason --rev --set --ward -c"
        case $prev in
        --by | --for | --reason | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    reset)
        options="--by --help --json --rev --set --ward -c"
        case $prev in
        --by | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    judge)
        options="--as --by --help --json --rev --set --ward -c"
        case $prev in
        --as) values="actionable not_relevant false artefact" ;;
        --by | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    note)
        options="--by --help --json --reason --rev --set --ward -c"
        case $prev in
        --by | --reason | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    pause)
        options="--back --by --for --help --json --reason --rev --set --ward -c"
        case $prev in
        --by | --for | --reason | --rev | --set | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    assign)
        options="--by --from --help --json --named --reason --rev --set --to --ward -c"
        case $prev in
        --by | --from | --named | --reason | --rev | --set | --to | --ward) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    admit)
        options="--age --at --baseline --by --chain-id --donor --flag --help --outpatient --planned --pregnant --product --protocol --set --target --uln -c"
        case $prev in
        --age | --at | --baseline | --by | --chain-id | --donor | --flag | --planned | --protocol | --set | --target | --uln) values=@none ;;
        --product) values="car_t car_nk nk" ;;
        -c) values=@file ;;
        esac
        ;;
    transfer)
        options="--at --by --confirm --help --set --swap -c"
        case $prev in
        --at | --by | --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    discharge)
        options="--at --by --confirm --help --set -c"
        case $prev in
        --at | --by | --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    episodes)
        options="--help --json --set -c"
        case $prev in
        --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    doctor)
        options="--help --json --set --within -c"
        case $prev in
        --set | --within) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    audit)
        options="--alert --count --head --help --json --since --store -c"
        words="verify show"
        case $prev in
        --alert | --count | --head | --since) values=@none ;;
        --store | -c) values=@file ;;
        esac
        ;;
    explain)
        options="--help --json --set -c"
        case $prev in
        --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    history)
        options="--ascii --bed --charted --code --coverage --format --from --gaps --help --json --last --limit --set --step --to --width -c"
        case $prev in
        --bed | --code | --from | --gaps | --limit | --set | --step | --to | --width) values=@none ;;
        --format) values="table csv json plot" ;;
        -c) values=@file ;;
        esac
        ;;
    export)
        options="--from --help --set --to -c"
        case $prev in
        --from | --set | --to) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    report)
        options="--from --help --set --to -c"
        file=1
        case $prev in
        --from | --set | --to) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    backup)
        options="--help --json --set -c"
        file=1
        case $prev in
        --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    restore)
        options="--help --json --replace --set -c"
        file=1
        case $prev in
        --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    store)
        options="--help --hot --json --set -c"
        words="stats check compact"
        case $prev in
        --hot | --set) values=@none ;;
        -c) values=@file ;;
        esac
        ;;
    protocol)
        options="--help"
        words="check show test"
        file=1
        ;;
    replay)
        options="--assess --explain --help --json --pages --protocol --summary --until"
        file=1
        case $prev in
        --explain | --until) values=@none ;;
        --protocol) values=@file ;;
        esac
        ;;
    simulate)
        options="--beds --begin --ca --cert --confirm-within --delay --drop --duplicate --for --forget-counter --gateways --help --json --key --ledger --mistakes --model --monitor --moves --no-admit --once --password-file --patients --print --product --recordings --reorder --restart --root --seed --skew --speed --spool --url --username --ward"
        case $prev in
        --beds | --begin | --confirm-within | --delay | --drop | --duplicate | --for | --gateways | --mistakes | --monitor | --moves | --patients | --product | --reorder | --restart | --root | --seed | --skew | --speed | --url | --username | --ward) values=@none ;;
        --ca | --cert | --key | --ledger | --password-file | --recordings | --spool) values=@file ;;
        esac
        ;;
    user)
        options="--as --certificate --help --json --role --set --token --ward -c"
        words="add password remove list"
        case $prev in
        --as | --role | --token | --ward) values=@none ;;
        --set | -c) values=@file ;;
        esac
        ;;
    watch)
        options="--after --again --heads --help --node --once --page --set --ward -c"
        case $prev in
        --after | --again | --node | --page | --set | --ward) values=@none ;;
        --heads | -c) values=@file ;;
        esac
        ;;
    *) return ;;
    esac
    case $values in
    @file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    @none) ;;
    ?*) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur") ;;
    *)
        if [[ $cur == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        elif [ -n "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        elif [ -n "$file" ]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        fi
        ;;
    esac
}
complete -o filenames -F _vigil vigil
