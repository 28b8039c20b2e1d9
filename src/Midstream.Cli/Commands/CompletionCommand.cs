using System.CommandLine;

namespace Midstream.Cli.Commands;

// `midstream completion bash|zsh`: a script that asks this program for completions, by the directive of its command-line library.
internal static class CompletionCommand
{
    private const string Bash = """
        _midstream() {
          local IFS=$'\n'
          COMPREPLY=($(midstream "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
          [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _midstream midstream
        """;

    private const string Zsh = """
        #compdef midstream
        _midstream() {
          local -a found
          found=("${(@f)$(midstream "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          if [[ -n "${found[1]}" ]]; then compadd -- $found; else _files; fi
        }
        compdef _midstream midstream
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion", "Print a completion script: source <(midstream completion bash)") { shell };
        command.SetAction(parsed =>
        {
            Console.WriteLine(parsed.GetRequiredValue(shell) == "bash" ? Bash : Zsh);
            return ExitCodes.Success;
        });
        return command;
    }
}
