using System.Globalization;
using System.Text;

namespace Midstream.Modules;

/// <summary>Says how a test of a package came out.</summary>
/// <param name="Passed">Whether every step has.</param>
/// <param name="Module">The module's name; empty when the package could not be read.</param>
/// <param name="Version">The package's version; empty when it could not be read.</param>
/// <param name="Steps">What was done, in order; the last one has failed when the test has.</param>
public sealed record ModuleTestResult(bool Passed, string Module, string Version, IReadOnlyList<ModuleTestStep> Steps)
{
    /// <summary>Returns a line for each step, for a reader.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var step in Steps)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{(step.Passed ? "ok    " : "failed")} {step.Name} ({step.Elapsed.TotalMilliseconds:0} ms)");
            text.AppendLine(step.Detail.Length == 0 ? "" : $": {step.Detail}");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{Module} {Version}: {(Passed ? "passed" : "failed")}").ToString();
    }
}

/// <summary>One step of a test.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Passed">Whether it went well.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Detail">What there is to know of it, several lines if need be; empty for nothing.</param>
public sealed record ModuleTestStep(string Name, bool Passed, TimeSpan Elapsed, string Detail);
