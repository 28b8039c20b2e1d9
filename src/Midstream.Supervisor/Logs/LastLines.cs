using System.Text;

namespace Midstream.Supervisor.Logs;

/// <summary>Remembers the last lines of a worker for the day it fails.</summary>
/// <remarks>Thread-safe. Looks at no more than the lines it keeps, however many come.</remarks>
internal sealed class LastLines
{
    private const int CountMax = 40;

    private readonly Queue<byte[]> _lines = new();

    /// <summary>Gets the lines, oldest first.</summary>
    /// <returns>The lines; bytes that are no UTF-8 are replaced.</returns>
    public IReadOnlyList<string> Read()
    {
        lock (_lines)
            return [.. _lines.Select(Encoding.UTF8.GetString)];
    }

    /// <summary>Takes note of lines.</summary>
    /// <param name="bytes">The lines.</param>
    public void Remember(ReadOnlySpan<byte> bytes)
    {
        lock (_lines)
        {
            foreach (var line in new OutputLines(EndOf(bytes)))
            {
                if (_lines.Count == CountMax)
                    _lines.Dequeue();
                _lines.Enqueue(line.ToArray());
            }
        }
    }

    private static ReadOnlySpan<byte> EndOf(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.Length;
        for (var count = 0; count <= CountMax && start > 0; count++)
            start = Math.Max(0, bytes[..start].LastIndexOf((byte)'\n'));
        return start == 0 ? bytes : bytes[(start + 1)..];
    }
}
