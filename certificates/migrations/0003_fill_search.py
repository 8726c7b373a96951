"""Fill what the public search looks at for certificates that were issued before there was one."""

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.db import migrations


def fill(apps, schema_editor):
    rows = apps.get_model("certificates", "Certificate").objects
    for row in rows.only("der", "email").iterator(chunk_size=500):
        names = x509.load_der_x509_certificate(bytes(row.der)).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        name = str(names[0].value).casefold() if names else ""
        rows.filter(pk=row.pk).update(search_name=name, search_email=row.email.casefold())


class Migration(migrations.Migration):
    dependencies = [("certificates", "0002_status_changes_and_search")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
