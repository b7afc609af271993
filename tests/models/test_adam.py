import torch

from models.adam import Adam


def fitted(optimiser_of) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    layers = [torch.randn(shape, generator=generator).requires_grad_() for shape in ((5, 4), (4,))]
    rows = torch.randn((30, 5), generator=generator)
    forget, step = optimiser_of(layers)
    for _ in range(50):
        loss = ((rows @ layers[0]).tanh() @ layers[1] - rows.sum(dim=1)).square().mean()
        forget()
        loss.backward()
        step()
    return [layer.detach() for layer in layers]


def ours(layers):
    optimiser = Adam(layers, learning_rate=0.01)
    return optimiser.clear, optimiser.step


def torchs(layers):
    optimiser = torch.optim.Adam(layers, lr=0.01)
    return optimiser.zero_grad, optimiser.step


def test_steps_are_those_of_the_adam_in_torch():
    for found, expected in zip(fitted(ours), fitted(torchs), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_a_parameter_without_a_gradient_stays():
    left_alone = torch.ones(3, requires_grad=True)
    optimiser = Adam([left_alone], learning_rate=0.1)
    optimiser.step()
    assert left_alone.tolist() == [1.0, 1.0, 1.0]
