using Microsoft.Extensions.Hosting;

namespace Midstream.Modules;

/// <summary>How a package is tested.</summary>
public sealed class ModuleTestOptions
{
    /// <summary>Gets or sets what sets the host's options: what modules share with it and are lent, and its bounds. Null (the
    /// default) for the defaults.</summary>
    public Action<ModulesOptions>? Modules { get; set; }

    /// <summary>Gets or sets what sets up the test's host: the services that modules are lent, and its configuration. Null (the
    /// default) for nothing.</summary>
    public Action<IHostApplicationBuilder>? Host { get; set; }

    /// <summary>Gets or sets the package that the tested one is to replace: it is loaded first, its state goes to the tested one,
    /// back and forth again. Null (the default) for none.</summary>
    public string? PreviousPackage { get; set; }

    /// <summary>Gets or sets a folder with state to begin with: a file for each, named <c>NAME.VERSION.state</c>, with what
    /// <see cref="IHandedOverState.ExportAsync"/> wrote in that version. Null (the default) for none.</summary>
    public string? StateFolder { get; set; }
}
