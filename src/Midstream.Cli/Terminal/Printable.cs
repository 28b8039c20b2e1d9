namespace Midstream.Cli.Terminal;

// A server under test chooses its release names; it must not get to steer the terminal with them.
internal static class Printable
{
    public static string Of(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
        });
}
