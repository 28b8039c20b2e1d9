using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Midstream.Linux;

namespace Midstream.Supervisor.Succession;

/// <summary>An estate with its descriptors open: this process became its present program, or was set up as its guard.</summary>
internal sealed class OpenEstate
{
    private readonly Dictionary<int, FileDescriptor> _open;

    /// <summary>Puts an estate together with its descriptors.</summary>
    /// <param name="estate">The estate.</param>
    /// <param name="open">Its descriptors, by number.</param>
    public OpenEstate(Estate estate, IReadOnlyList<FileDescriptor> open)
    {
        Estate = estate;
        _open = open.ToDictionary(descriptor => descriptor.Number);
    }

    /// <summary>Gets what was left.</summary>
    public Estate Estate { get; }

    /// <summary>Gets whether there is a program to give it back to: whoever is on the way back already is the last.</summary>
    public bool CanGiveBack => Estate.Failure is null;

    /// <summary>Takes what the program before has left to this process, once.</summary>
    /// <returns>The estate; null when there was no program before.</returns>
    /// <exception cref="SupervisorException">It cannot be understood.</exception>
    public static OpenEstate? Take()
    {
        var text = Environment.GetEnvironmentVariable(Estate.VariableName);
        Environment.SetEnvironmentVariable(Estate.VariableName, null);
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var number))
            return null;
        using var file = FileDescriptor.Take(number);
        var estate = Estate.FromMemoryFile(file);
        return new OpenEstate(estate, [.. estate.Descriptors.Distinct().Select(FileDescriptor.Take)]);
    }

    /// <summary>Gets a descriptor's owner.</summary>
    /// <param name="number">The number in the estate.</param>
    /// <returns>The owner; also after this, <see cref="GiveBack"/> passes the descriptor on.</returns>
    public FileDescriptor this[int number] => _open[number];

    /// <summary>Becomes the program that is to follow; when it cannot be started, this program's own image again.</summary>
    /// <param name="program">Its path.</param>
    [DoesNotReturn]
    public void PassTo(string program)
    {
        try
        {
            Successor.Become(program, Estate, [.. _open.Values]);
        }
        catch (LinuxException cannot)
        {
            GiveBack(cannot.Message);
        }
    }

    /// <summary>Becomes the program before again, for this one cannot go on.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="waiting">The signals that were sent to this one and not heard; null for none.</param>
    /// <param name="heard">The signals that this one has heard and cannot follow; null for none.</param>
    /// <exception cref="LinuxException">That is impossible as well.</exception>
    [DoesNotReturn]
    public void GiveBack(string reason, IReadOnlyList<int>? waiting = null, IReadOnlyList<string>? heard = null) =>
        Successor.Become(
            ProcessImage.PathOf(_open[Estate.Program]),
            Estate with { Failure = reason, Signals = [.. Estate.Signals ?? [], .. heard ?? []] },
            [.. _open.Values],
            waiting);
}
