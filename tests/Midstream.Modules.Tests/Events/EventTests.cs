// Which generation an event goes to while two of one module change places.

using Microsoft.Extensions.Logging.Abstractions;
using Midstream.Modules.Events;

namespace Midstream.Modules.Tests.Events;

public sealed class EventTests
{
    [Fact]
    public async Task Publish_WhileTwoGenerationsServe_GoesToOneOfThem()
    {
        var bus = new ModuleEventBus(NullLogger<ModuleEventBus>.Instance);
        var old = Subscribe(bus, "pricing", serves: true);
        var young = Subscribe(bus, "pricing", serves: true);
        var other = Subscribe(bus, "promotions", serves: true);

        await bus.PublishAsync("sold");

        // Each with two subscriptions, of which both are told.
        Assert.Equal((2, 0, 2), (old.Told, young.Told, other.Told));
        Assert.Equal((0, 0, 0), (old.UnderWay, young.UnderWay, other.UnderWay));
    }

    [Fact]
    public async Task Publish_WhenTheGenerationIsReplacedAtThatMoment_GoesToItsSuccessor()
    {
        var bus = new ModuleEventBus(NullLogger<ModuleEventBus>.Instance);
        Owner? young = null;
        var old = Subscribe(bus, "pricing", serves: false);
        old.Asked = () => young ??= Subscribe(bus, "pricing", serves: true);

        await bus.PublishAsync("sold");

        Assert.Equal((0, 2), (old.Told, young!.Told));
    }

    private static Owner Subscribe(ModuleEventBus bus, string name, bool serves)
    {
        var owner = new Owner(name, serves);
        for (var i = 0; i < 2; i++)
            bus.Add(new Subscription<string>((_, _) => owner.TellAsync(), owner));
        return owner;
    }

    private sealed class Owner(string name, bool serves) : IEventOwner
    {
        public string Name => name;

        public Action? Asked { get; set; }

        public int Told { get; private set; }

        public int UnderWay { get; private set; }

        public bool TryBegin()
        {
            Asked?.Invoke();
            UnderWay += serves ? 1 : 0;
            return serves;
        }

        public void End() => UnderWay--;

        public ValueTask TellAsync()
        {
            Assert.Equal(1, UnderWay);
            Told++;
            return ValueTask.CompletedTask;
        }
    }
}
