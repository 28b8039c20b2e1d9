// The rules for the texts in midstream.json.

using System.Text.RegularExpressions;

namespace Midstream.Core.Configuration;

/// <summary>Holds every rule for text. Messages and the JSON schema both come from here.</summary>
internal static partial class TextRules
{
    // A user's or a group's name or number; useradd(8) allows a dollar sign at the end.
    private const string AccountName = "[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?";

    /// <summary>A service's name.</summary>
    public static TextRule ServiceName { get; } = new(
        ServiceNameExpression(), "use 1 to 63 of a-z, 0-9 and hyphen, not beginning with a hyphen");

    /// <summary>A socket's name in LISTEN_FDNAMES.</summary>
    public static TextRule SocketName { get; } = new(
        SocketNameExpression(), "use 1 to 255 letters, digits, hyphens, dots and underscores");

    /// <summary>A file mode.</summary>
    public static TextRule Mode { get; } = new(ModeExpression(), "write three octal digits after a 0, such as \"0660\"");

    /// <summary>A file's owner.</summary>
    public static TextRule Owner { get; } = new(OwnerExpression(), "write \"user:group\", \"user\" or \":group\"");

    /// <summary>A user's or a group's name or number.</summary>
    public static TextRule Account { get; } = new(AccountExpression(), "write a name or a number of the system's accounts");

    /// <summary>A mask of file modes.</summary>
    public static TextRule Umask { get; } = new(ModeExpression(), "write three octal digits after a 0, such as \"0027\"");

    /// <summary>The absolute path of a folder.</summary>
    public static TextRule AbsolutePath { get; } = new(
        AbsolutePathExpression(), "write an absolute path, which begins with /, without a NUL character");

    /// <summary>The absolute path of a file, which does not end as that of a folder does.</summary>
    public static TextRule AbsoluteFile { get; } = new(
        AbsoluteFileExpression(), "write the absolute path of a file, which begins with /, without a NUL character");

    /// <summary>The path and query of a request (RFC 9112, 3.2.1): visible ASCII, no fragment.</summary>
    public static TextRule RequestPath { get; } = new(
        RequestPathExpression(), "begin with / and percent-encode spaces, # and what is not ASCII");

    /// <summary>A token of HTTP (RFC 9110, 5.6.2): a method or a header's name.</summary>
    public static TextRule Token { get; } = new(
        TokenExpression(), "use letters, digits and !#$%&'*+-.^_`|~ alone");

    /// <summary>A header's value (RFC 9110, 5.5).</summary>
    public static TextRule HeaderValue { get; } = new(HeaderValueExpression(), "leave control characters out");

    /// <summary>The name of an environment variable (environ(7)).</summary>
    public static TextRule VariableName { get; } = new(VariableNameExpression(), "use a name without = and without NUL");

    /// <summary>Text the operating system takes, which ends at a NUL (execve(2)).</summary>
    public static TextRule NoNul { get; } = new(NoNulExpression(), "leave the NUL character out");

    /// <summary>A program's name.</summary>
    public static TextRule Program { get; } = new(ProgramExpression(), "name the program to run, without a NUL character");

    [GeneratedRegex(Configuration.ServiceName.Pattern)]
    private static partial Regex ServiceNameExpression();

    [GeneratedRegex("^[A-Za-z0-9._-]{1,255}$")]
    private static partial Regex SocketNameExpression();

    [GeneratedRegex("^0[0-7]{3}$")]
    private static partial Regex ModeExpression();

    [GeneratedRegex($"^(?:{AccountName}(?::{AccountName})?|:{AccountName})$")]
    private static partial Regex OwnerExpression();

    [GeneratedRegex($"^{AccountName}$")]
    private static partial Regex AccountExpression();

    [GeneratedRegex("^/[^\\x00]*$")]
    private static partial Regex AbsolutePathExpression();

    [GeneratedRegex("^/[^\\x00]*[^/\\x00]$")]
    private static partial Regex AbsoluteFileExpression();

    [GeneratedRegex("^/[!\"$-~]*$")]
    private static partial Regex RequestPathExpression();

    [GeneratedRegex("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    private static partial Regex TokenExpression();

    [GeneratedRegex("^[^\\x00-\\x08\\x0a-\\x1f\\x7f]*$")]
    private static partial Regex HeaderValueExpression();

    [GeneratedRegex("^[^=\\x00]+$")]
    private static partial Regex VariableNameExpression();

    [GeneratedRegex("^[^\\x00]*$")]
    private static partial Regex NoNulExpression();

    [GeneratedRegex("^[^\\x00]+$")]
    private static partial Regex ProgramExpression();
}
