// A rule for text that the schema can state as well: a regular expression and what to say when it does not fit.

using System.Text.RegularExpressions;

namespace Midstream.Core.Configuration;

/// <summary>States what a text must look like.</summary>
/// <param name="Expression">The rule, anchored at both ends, in the part of the syntax that .NET and ECMA-262 share.</param>
/// <param name="Advice">What to write instead, as a sentence without its end.</param>
internal sealed record TextRule(Regex Expression, string Advice)
{
    /// <summary>The regular expression as text.</summary>
    public string Pattern => Expression.ToString();

    /// <summary>
    /// Tells whether a text keeps the rule. The length is compared because "$" also fits before a last line feed.
    /// </summary>
    public bool Accepts(string text) => Expression.Match(text) is { Success: true } match && match.Length == text.Length;
}
