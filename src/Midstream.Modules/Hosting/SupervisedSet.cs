using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
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
            return DesiredSet.Read(ContentOf(value)) is { Format: DesiredSet.CurrentFormat } set ? set : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException)
        {
            // Meant for somebody else, or by a supervisor of another version.
            return null;
        }
    }

    private static byte[] ContentOf(string value)
    {
        if (!value.StartsWith(DesiredSet.DescriptorPrefix, StringComparison.Ordinal)
            || !int.TryParse(value[DesiredSet.DescriptorPrefix.Length..], CultureInfo.InvariantCulture, out var number))
            return Encoding.UTF8.GetBytes(value);
        using var file = new SafeFileHandle(number, ownsHandle: true);
        var content = new byte[RandomAccess.GetLength(file)];
        for (var read = 0; read < content.Length;)
        {
            var count = RandomAccess.Read(file, content.AsSpan(read), read);
            read = count > 0 ? read + count : throw new EndOfStreamException();
        }

        return content;
    }
}
