# SPDX-License-Identifier: GPL-2.0
#
# Completion of ttp(8) for bash.  Which options there are, and what each takes, says
# the tool itself: ttp COMMAND --list-options prints its table.
#
# shellcheck shell=bash

# _ttp_values KIND: what the tool's help calls so
_ttp_values()
{
	local word
	case $1 in
	NETNS)	# not by compgen -W, which would run what a name says
		for word in /var/run/netns/*; do
			word=${word##*/}
			[[ $word != "$cur"* || $word == "*" ]] || printf '%s\n' "$word"
		done ;;
	FILE) compgen -f -- "$cur" ;;
	ALGORITHM)
		compgen -W "$(cat /proc/sys/net/ttp/available_congestion_control 2>/dev/null)" \
			-- "$cur" ;;
	PORT) compgen -A service -- "$cur" ;;
	HOST) compgen -A hostname -- "$cur" ;;
	COMMAND) compgen -c -- "$cur" ;;
	*"|"*) compgen -W "${1//|/ }" -- "$cur" ;;
	esac
}

_ttp()
{
	local cur=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]}
	local tool=${COMP_WORDS[0]} at=1 option takes word list options=()

	COMPREPLY=()
	while ((at < COMP_CWORD)); do
		case ${COMP_WORDS[at]} in
		-n | --netns) ((at += 2)) ;;
		-*) ((at++)) ;;
		*) break ;;
		esac
	done
	if ((at > COMP_CWORD)); then
		mapfile -t COMPREPLY < <(_ttp_values NETNS)
		return
	elif ((at == COMP_CWORD)) || [ "${COMP_WORDS[at]}" = help ]; then
		list=$("$tool" --list-commands 2>/dev/null)
		((at < COMP_CWORD)) || list+=" help -n --netns --help --version"
		mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
		return
	fi
	for word in "${COMP_WORDS[@]:at:COMP_CWORD - at}"; do
		if [ "$word" = -- ]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(_ttp_values COMMAND; _ttp_values FILE)
			return
		fi
	done
	list=
	while read -r option takes; do
		if [ "$option" = = ]; then
			list=$takes
		elif [ "$option" = "$last" ] && [ -n "$takes" ]; then
			[ "$takes" != FILE ] || compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(_ttp_values "$takes")
			return
		elif [[ $cur == -* ]]; then
			options+=("$option")
		fi
	done < <("$tool" "${COMP_WORDS[at]}" --list-options 2>/dev/null)
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${options[*]}" -- "$cur")
		return
	fi
	for word in $list; do
		case $word in
		HOST | PORT | COMMAND) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(_ttp_values "$word") ;;
		*) [[ $word != "$cur"* ]] || COMPREPLY+=("$word") ;;
		esac
	done
}

complete -o default -F _ttp ttp	# else names of files
