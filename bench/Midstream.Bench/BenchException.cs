namespace Midstream.Bench;

/// <summary>Says that a measurement could not be made. It is told, and the others go on.</summary>
internal sealed class BenchException : Exception
{
    public BenchException(string message)
        : base(message)
    {
    }
}
