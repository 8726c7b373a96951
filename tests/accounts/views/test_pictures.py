"""The picture, its sound, and new ones."""

import io
import wave
from pathlib import Path

import pytest
from captcha.models import CaptchaStore
from django.conf import settings
from django.test import Client

from accounts.services import new_picture
from accounts.views.pictures import spoken

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _ in settings.LANGUAGES]


def frames(language: str, digit: str) -> bytes:
    path = Path(settings.BASE_DIR) / "static" / "sounds" / language / f"{digit}.wav"
    with wave.open(str(path), "rb") as sound:
        return sound.readframes(sound.getnframes())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("digit", "0123456789")
def test_every_digit_is_spoken_in_a_small_file(language: str, digit: str) -> None:
    path = Path(settings.BASE_DIR) / "static" / "sounds" / language / f"{digit}.wav"
    assert path.stat().st_size < 15_000
    with wave.open(str(path), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 1, 8000)
        samples = sound.readframes(sound.getnframes())
    assert len(samples) > 1500
    assert max(samples) - min(samples) > 60  # not silence


def test_a_new_picture_names_its_addresses(client: Client) -> None:
    answer = client.get("/account/picture/", headers={"accept-language": "pt"})
    told = answer.json()
    assert told["image_url"] == f"/account/picture/{told['key']}.png"
    assert told["audio_url"] == f"/account/picture-sound/{told['key']}/pt.wav"
    assert CaptchaStore.objects.filter(hashkey=told["key"]).exists()
    assert "no-store" in answer["Cache-Control"]
    assert CaptchaStore.objects.get().response not in answer.content.decode().replace(told["key"], "")


def test_new_pictures_are_throttled(client: Client) -> None:
    answers = [client.get("/account/picture/").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_the_picture_is_a_png_until_it_is_used(client: Client) -> None:
    key = new_picture()
    answer = client.get(f"/account/picture/{key}.png")
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    CaptchaStore.objects.all().delete()
    assert client.get(f"/account/picture/{key}.png").status_code == 410


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sound_speaks_the_digits_in_their_order(client: Client, language: str) -> None:
    key = new_picture()
    CaptchaStore.objects.update(challenge="90210", response="90210")
    answer = client.get(f"/account/picture-sound/{key}/{language}.wav")
    assert answer["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 1, 8000)
        heard = sound.readframes(sound.getnframes())
    place = 0
    for digit in "90210":
        place = heard.index(frames(language, digit), place) + len(frames(language, digit))


def test_no_sound_without_picture_or_in_other_languages(client: Client) -> None:
    key = new_picture()
    assert client.get(f"/account/picture-sound/{key}/fr.wav").status_code == 404
    assert client.get("/account/picture-sound/unknown/en.wav").status_code == 404


def test_listening_and_looking_do_not_use_the_picture_up(client: Client) -> None:
    key = new_picture()
    client.get(f"/account/picture/{key}.png")
    client.get(f"/account/picture-sound/{key}/en.wav")
    assert CaptchaStore.objects.filter(hashkey=key).exists()


def test_parts_of_the_sound_are_given(client: Client) -> None:
    key = new_picture()
    address = f"/account/picture-sound/{key}/en.wav"
    whole = client.get(address).content
    for asked, first, last in (
        ("bytes=0-1", 0, 1),
        ("bytes=100-", 100, len(whole) - 1),
        ("bytes=5-9999999", 5, len(whole) - 1),
    ):
        answer = client.get(address, headers={"range": asked})
        assert answer.status_code == 206
        assert answer["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
        assert answer.content == whole[first : last + 1]
    for nonsense in ("bytes=9999999-", "lines=1-2", "bytes=-5", "bytes=9-5"):
        answer = client.get(address, headers={"range": nonsense})
        assert (answer.status_code, answer.content) == (200, whole)


def test_a_pause_stands_around_the_digits() -> None:
    assert len(spoken("11", "en")) > len(spoken("1", "en")) + len(frames("en", "1"))
