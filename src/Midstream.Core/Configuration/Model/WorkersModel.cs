namespace Midstream.Core.Configuration;

/// <summary>How a generation's workers replace those of the one before.</summary>
public enum ReplaceMode
{
    /// <summary>One after another: never fewer workers than before, and one more at most.</summary>
    OneByOne,

    /// <summary>All of them together: twice the processes for a moment.</summary>
    AllAtOnce,
}

/// <summary>How many workers there are, and how they are replaced.</summary>
public sealed record WorkersModel
{
    /// <summary>The most workers a service may have.</summary>
    public const int CountMax = 1024;

    /// <summary>The number of workers; null for one for each processor. Default 1.</summary>
    public int? Count { get; init; } = 1;

    /// <summary>How they are replaced. Default one by one.</summary>
    public ReplaceMode Replace { get; init; } = ReplaceMode.OneByOne;
}
