// A module whose requests are worked off by a hosted service: a request ends when its job is done.

using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midstream;

namespace Jobs;

public sealed class JobsModule : IModule
{
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/done/all"), new("/jobs/0") { Method = "POST" }];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.AddSingleton<JobList>();
        services.AddHostedService<Worker>();
        services.AddState(_ => new StateDictionary<string, long>("done", StateCodec.Text, StateCodec.Number));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/jobs/{size:long}", async (long size, JobList list) => TypedResults.Text(await list.DoAsync(size)));
        endpoints.MapGet("/done/{name}", async (string name, StateDictionary<string, long> done) =>
            TypedResults.Text($"{(await done.GetAsync(name)).Value}"));
    }
}

public sealed record Job(long Size, TaskCompletionSource<string> Done);

public sealed class JobList
{
    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(100);

    public ChannelReader<Job> Waiting => _jobs.Reader;

    public async Task<string> DoAsync(long size)
    {
        var job = new Job(size, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _jobs.Writer.WriteAsync(job);
        return await job.Done.Task;
    }
}

public sealed class Worker(JobList jobs, StateDictionary<string, long> done, IModuleContext context) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var job in jobs.Waiting.ReadAllAsync(stoppingToken))
        {
            await done.UpdateAsync("all", old => old.Value + job.Size, stoppingToken);
            job.Done.SetResult($"{context.Generation}");
        }
    }
}
