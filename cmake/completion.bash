# Bash completion of synfire: commands and options are those that its help names.
_synfire() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} names=
    COMPREPLY=()
    case $before in
        --data | --out | --plugin-dir | --flow | --plot | --model | --checkpoint)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
    esac
    if [ "$COMP_CWORD" -eq 1 ]; then
        names=$("$program" --help 2> /dev/null | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p')
    elif [[ $word == -* ]]; then
        names=$("$program" "$command" --help 2> /dev/null | grep -oE '(^|[ ,])--[a-z-]+' | tr -d ' ,')
    else
        case $command in
            train | eval | run | profile | validate | compare)
                names=$("$program" models 2> /dev/null | sed -n 's/^synfire [a-z]* \([^ ]*\).*/\1/p')
                ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
    [ "$COMP_CWORD" -gt 1 ] && [[ $word != -* ]] &&
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
}
complete -o filenames -F _synfire synfire
