using Midstream.Core.Modules;

namespace Midstream.Modules;

/// <summary>A package cannot be used.</summary>
public sealed class ModulePackageException : Exception
{
    /// <summary>Reports a package that cannot be used.</summary>
    /// <param name="message">What is wrong, with what, and what to do.</param>
    public ModulePackageException(string message)
        : base(message)
    {
    }

    /// <summary>Reports a package that does not fit the host.</summary>
    /// <param name="package">The package's folder.</param>
    /// <param name="problems">Every reason, one or more.</param>
    public ModulePackageException(string package, IReadOnlyList<FitProblem> problems)
        : base($"The package {package} does not fit this host:\n{string.Join('\n', problems)}") => Problems = problems;

    /// <summary>Gets the reasons for which it does not fit; empty when that is not what is wrong.</summary>
    public IReadOnlyList<FitProblem> Problems { get; } = [];
}
