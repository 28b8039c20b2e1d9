using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;
using Midstream.Core.Modules;

namespace Midstream.Cli.Commands;

// `midstream module canary PACKAGE`: lets a package serve a part of the requests; once more, or with the module's name, another
// part.
internal static class ModuleCanaryCommand
{
    public static Command Create()
    {
        var package = new Argument<string>("package")
        {
            Description = "The published module; or the name of a module whose canary is to get another part",
        };
        var percent = new Option<double>("--percent")
        {
            Description = "The share of the clients that are not named otherwise, 0 to 100",
        };
        var header = new Option<string?>("--header")
        {
            Description = "A header by which a request chooses", HelpName = "NAME[=VALUE]",
        };
        var cookie = new Option<string?>("--cookie")
        {
            Description = "A cookie by which a request chooses", HelpName = "NAME[=VALUE]",
        };
        var tenants = new Option<string[]>("--tenant") { Description = "A tenant that goes to it; may be given more than once" };
        var tenantBy = new Option<string>("--tenant-by")
        {
            Description = "Where a request says its tenant: host, header:NAME or claim:TYPE",
            DefaultValueFactory = static _ => "host",
        };
        var identity = new Option<string>("--identity")
        {
            Description = "By what a client is recognised, for the share: cookie, address or header:NAME",
            DefaultValueFactory = static _ => "cookie",
        };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("canary", "Let a package serve a part of the requests, beside what serves")
        {
            package, percent, header, cookie, tenants, tenantBy, identity, json,
        };
        service.AddTo(command);
        command.SetAction(parsed =>
        {
            // A share of 0 can be meant; a canary that nobody can reach, because nothing was said, is a mistake.
            if (((Option[])[percent, header, cookie, tenants]).All(option => parsed.GetResult(option) is null))
                throw new CommandException(
                    ExitCodes.Usage, "Say who goes to the canary: --percent, --header, --cookie or --tenant.");
            var (by, name) = Split(parsed.GetRequiredValue(identity));
            var rule = new CanaryRule
            {
                Percent = parsed.GetValue(percent),
                Header = MarkOf(parsed.GetValue(header)),
                Cookie = MarkOf(parsed.GetValue(cookie)),
                Tenants = TenantsOf(parsed.GetValue(tenants) ?? [], parsed.GetRequiredValue(tenantBy)),
                Identity = IdentityOf(by),
                IdentityHeader = name,
            };
            var named = parsed.GetRequiredValue(package);
            return OperationCommand.Run(
                service, json, parsed, IsModule(named)
                    ? new ModuleCanaryRequest(Folder: null, rule, named)
                    : new ModuleCanaryRequest(Path.GetFullPath(named), rule));
        });
        return command;
    }

    // What could be both is the folder: it was named before modules could be.
    private static bool IsModule(string named) => !named.Contains('/', StringComparison.Ordinal) && !Directory.Exists(named);

    private static CanaryMark? MarkOf(string? text) => text?.Split('=', 2) switch
    {
        null => null,
        [var name, var value] => new CanaryMark(name, value),
        [var name, ..] => new CanaryMark(name),
        _ => null,
    };

    private static CanaryTenants? TenantsOf(string[] values, string by)
    {
        if (values.Length == 0)
            return null;
        var (source, name) = Split(by);
        return source switch
        {
            "host" => new CanaryTenants(TenantSource.Host, null, values),
            "header" => new CanaryTenants(TenantSource.Header, name, values),
            "claim" => new CanaryTenants(TenantSource.Claim, name, values),
            _ => throw new CommandException(
                ExitCodes.Usage, $"A request says its tenant by host, header:NAME or claim:TYPE, not by '{by}'."),
        };
    }

    private static CanaryIdentity IdentityOf(string by) => by switch
    {
        "cookie" => CanaryIdentity.Cookie,
        "address" => CanaryIdentity.Address,
        "header" => CanaryIdentity.Header,
        _ => throw new CommandException(
            ExitCodes.Usage, $"A client is recognised by cookie, address or header:NAME, not by '{by}'."),
    };

    private static (string Kind, string? Name) Split(string text)
    {
        var parts = text.Split(':', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : null);
    }
}
