namespace Midstream.Cli.Terminal;

// Colours for people only: none when the output is not a terminal, when NO_COLOR is set (no-color.org) or the terminal is dumb.
internal sealed class Paint(bool enabled)
{
    public static Paint ForStandardOutput() => For(Console.IsOutputRedirected);

    public static Paint ForStandardError() => For(Console.IsErrorRedirected);

    private static Paint For(bool isRedirected) => new(
        !isRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null));

    public string Good(string text) => Wrap("32", text);

    public string Bad(string text) => Wrap("31", text);

    public string Dim(string text) => Wrap("2", text);

    private string Wrap(string code, string text) => enabled ? $"\e[{code}m{text}\e[0m" : text;
}
