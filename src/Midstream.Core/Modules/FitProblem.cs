// Why a package does not fit the host.

namespace Midstream.Core.Modules;

/// <summary>Names what is wrong between a package and what the host shares.</summary>
public enum FitProblemKind
{
    /// <summary>An assembly is neither in the package nor shared by the host.</summary>
    MissingAssembly,

    /// <summary>The host shares the assembly in an older version than the package was built against.</summary>
    OlderAssembly,

    /// <summary>The package carries a copy of an assembly that has to be the host's.</summary>
    SecondCopy,

    /// <summary>A type is not there.</summary>
    MissingType,

    /// <summary>A type has no member of that name.</summary>
    MissingMember,

    /// <summary>A type has a member of that name with another signature.</summary>
    ChangedMember,

    /// <summary>The package's class does not implement a member that the contract asks for.</summary>
    NotImplemented,

    /// <summary>The class that implements the module is not there, or there are several.</summary>
    NoModule,

    /// <summary>A file cannot be read.</summary>
    Damaged,
}

/// <summary>Describes one reason for which a package does not fit.</summary>
/// <param name="Kind">The reason.</param>
/// <param name="Subject">The assembly, type or member, with its signature.</param>
/// <param name="Explanation">What is there instead, and what to do.</param>
public sealed record FitProblem(FitProblemKind Kind, string Subject, string Explanation)
{
    /// <summary>Returns one line for a reader.</summary>
    public override string ToString() => $"{Subject}: {Explanation}";
}
