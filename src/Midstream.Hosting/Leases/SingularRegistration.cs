using Microsoft.Extensions.Hosting;

namespace Midstream.Hosting.Leases;

/// <summary>A singular service that the application has added.</summary>
/// <param name="Type">Its type, for logs.</param>
/// <param name="Create">Makes a new one for each time the lease is taken.</param>
internal sealed record SingularRegistration(Type Type, Func<IServiceProvider, IHostedService> Create);
