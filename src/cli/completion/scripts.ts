/** What makes a shell ask `k8s-ha complete -- WORD…` for the words that may follow. */

const bash = String.raw`# k8s-ha completion for bash: source <(k8s-ha completion bash)
_k8s_ha() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} word=${'$'}{COMP_WORDS[COMP_CWORD]} current prefix value rest
  local -a words
  # Not bash's own words: it cuts them at "=" and ":".
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${'$'}{words[${'$'}{#words[@]} - 1]}
  [[ $word == [=:] ]] && word=
  prefix=${'$'}{current%"$word"}
  COMPREPLY=()
  while IFS=$'\t' read -r value rest; do
    case $value in
      :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
      :folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    esac
    [[ $value == *= ]] && compopt -o nospace
    value=${'$'}{value#"$prefix"}
    [[ $value == *[\[\]\ ]* ]] && printf -v value %q "$value"
    COMPREPLY+=("$value")
  done < <("$1" complete -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -F _k8s_ha k8s-ha
`

const zsh = String.raw`#compdef k8s-ha
# k8s-ha completion for zsh: source <(k8s-ha completion zsh), after compinit
_k8s_ha() {
  local line value
  local -a lines values shown open opened
  lines=("${'$'}{(@f)$("$words[1]" complete -- "${'$'}{(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  case $lines[1] in
    :files) _files; return ;;
    :folders) _files -/; return ;;
  esac
  for line in "${'$'}{(@)lines}"; do
    [[ -n $line ]] || continue
    value=${'$'}{line%%$'\t'*}
    if [[ $value == *= ]]; then open+=("$value"); opened+=("${'$'}{line/$'\t'/  }")
    else values+=("$value"); shown+=("${'$'}{line/$'\t'/  }"); fi
  done
  (( ${'$'}{#values} )) && compadd -l -d shown -a values
  (( ${'$'}{#open} )) && compadd -S '' -l -d opened -a open
}
compdef _k8s_ha k8s-ha
`

const fish = String.raw`# k8s-ha completion for fish: k8s-ha completion fish | source
function __k8s_ha_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] 2>/dev/null)
    switch "$lines[1]"
        case ':files' ':folders'
            __fish_complete_path (commandline -ct)
        case '*'
            printf '%s\n' $lines
    end
end
complete -c k8s-ha -f -a '(__k8s_ha_complete)'
`

export const completionScripts: Readonly<Record<string, string>> = { bash, zsh, fish }
