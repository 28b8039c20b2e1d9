using System.Text;
using System.Text.Json;
using Midstream.Core.Modules;

namespace Midstream.Modules.Hosting;

/// <summary>The set of modules that a supervisor wants of this process.</summary>
internal static class SupervisedSet
{
    /// <summary>Takes the set out of the environment, so that a program which this one starts does not take it for its
    /// own.</summary>
    /// <returns>The set; null when there is no supervisor that keeps one.</returns>
    public static DesiredSet? Take()
    {
        if (Environment.GetEnvironmentVariable(DesiredSet.VariableName) is not { Length: > 0 } value)
            return null;
        Environment.SetEnvironmentVariable(DesiredSet.VariableName, null);
        try
        {
            return DesiredSet.Read(Encoding.UTF8.GetBytes(value)) is { Format: DesiredSet.CurrentFormat } set ? set : null;
        }
        catch (JsonException)
        {
            // Meant for somebody else, or by a supervisor of another version.
            return null;
        }
    }
}
