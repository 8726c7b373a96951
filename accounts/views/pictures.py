"""The picture digits: new ones, the picture, the same digits spoken."""

import io
import re
import wave
from functools import cache
from pathlib import Path

from captcha.models import CaptchaStore
from captcha.views import captcha_image
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import services
from accounts.rules import network_address

_SOUNDS = Path(settings.BASE_DIR) / "static" / "sounds"
_RATE = 8000  # samples a second, one octet each
_PAUSE = b"\x80" * (_RATE // 2)  # half a second of silence: 8-bit WAV is unsigned
_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")
_PICTURES = 60
_SECONDS = 5 * 60


@never_cache
@require_GET
def picture(request: HttpRequest) -> JsonResponse:
    """A new picture: its key and addresses."""
    services.throttle(scope="picture", who=network_address(request.META), limit=_PICTURES, seconds=_SECONDS)
    return JsonResponse(picture_addresses(services.new_picture()))


def picture_addresses(key: str) -> dict[str, str]:
    """The key of a picture, where it is shown and where it is spoken in the page's language."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "key": key,
        "image_url": reverse("accounts:picture-image", args=[key]),
        "audio_url": reverse("accounts:picture-sound", args=[key, language]),
    }


@never_cache
@require_GET
def picture_image(request: HttpRequest, key: str) -> HttpResponse:
    """The picture itself, as PNG; 410 when it was used or has expired."""
    answer: HttpResponse = captcha_image(request, key)
    return answer


@never_cache
@require_GET
def picture_sound(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """The picture's digits, spoken in one of the site's languages, as one WAV file."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    digits = get_object_or_404(CaptchaStore, hashkey=key).challenge
    return _in_range(request, spoken(digits, language))


def spoken(digits: str, language: str) -> bytes:
    """The digits as one WAV file: 8 kHz, 8 bits, mono, with a pause around each."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_RATE)
        sound.writeframes(_PAUSE + b"".join(_frames(digit, language) + _PAUSE for digit in digits))
    return file.getvalue()


@cache
def _frames(digit: str, language: str) -> bytes:
    with wave.open(str(_SOUNDS / language / f"{digit}.wav"), "rb") as sound:
        return sound.readframes(sound.getnframes())


def _in_range(request: HttpRequest, body: bytes) -> HttpResponse:
    """The body, or the part of it that was asked for: Safari plays nothing from servers that know no ranges."""
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    first = int(wanted[1]) if wanted else len(body)
    last = min(int(wanted[2]) if wanted and wanted[2] else len(body), len(body) - 1)
    if first <= last:
        answer = HttpResponse(body[first : last + 1], content_type="audio/wav", status=206)
        answer["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    else:
        answer = HttpResponse(body, content_type="audio/wav")
    answer["Accept-Ranges"] = "bytes"
    return answer
