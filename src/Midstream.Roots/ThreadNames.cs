using Microsoft.Diagnostics.Runtime;

namespace Midstream.Roots;

/// <summary>Names threads as their program does.</summary>
internal sealed class ThreadNames(ClrRuntime runtime)
{
    private readonly Lazy<Dictionary<int, string>> _names = new(() => Read(runtime));

    public string Of(ClrThread thread)
    {
        var name = _names.Value.GetValueOrDefault(thread.ManagedThreadId) ?? KernelsNameOf(thread.OSThreadId);
        return $"Stack of thread {thread.ManagedThreadId}{(name is null ? "" : $" \"{name}\"")} (tid {thread.OSThreadId})";
    }

    // The first 15 characters of it.
    private string? KernelsNameOf(uint thread)
    {
        try
        {
            return File.ReadAllText($"/proc/{runtime.DataTarget.DataReader.ProcessId}/task/{thread}/comm").TrimEnd();
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Each thread's object is held by a handle, which may not be listed.
    private static Dictionary<int, string> Read(ClrRuntime runtime)
    {
        var names = new Dictionary<int, string>();
        foreach (var thread in runtime.EnumerateHandles().Select(handle => handle.Object)
            .Where(item => item.Type?.Name == "System.Threading.Thread"))
        {
            if (thread.TryReadField<int>("_managedThreadId", out var id)
                && thread.TryReadStringField("_name", maxLength: null, out var name) && !string.IsNullOrEmpty(name))
                names[id] = name;
        }

        return names;
    }
}
