"""Addresses of the doors, mounted at /account/."""

from django.urls import path

from accounts.views import details, doors, emails, languages, mailboxes, passwords, pictures

app_name = "accounts"
urlpatterns = [
    path("sign-in/", doors.sign_in, name="sign-in"),
    path("officer/", doors.officer_sign_in, name="officer-sign-in"),
    path("second-factor/", doors.second_factor, name="second-factor"),
    path("sign-out/", doors.sign_out, name="sign-out"),
    path("locked/", doors.locked, name="locked"),
    path("first-password/", passwords.first_password, name="first-password"),
    path("password/", passwords.password, name="password"),
    path("picture/", pictures.picture, name="picture"),
    path("picture/<slug:key>.png", pictures.picture_image, name="picture-image"),
    path("picture-sound/<slug:key>/<slug:language>.wav", pictures.picture_sound, name="picture-sound"),
    path("mailbox/<str:token>/", mailboxes.mailbox, name="mailbox"),
    path("details/", details.details, name="details"),
    path("details/listing/", details.listing, name="listing"),
    path("email/", emails.email, name="email"),
    path("email/withdraw/", emails.withdraw_email, name="withdraw-email"),
    path("language/", languages.set_language, name="set-language"),
]
