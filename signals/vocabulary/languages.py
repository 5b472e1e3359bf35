"""Words of German, French, Spanish and Dutch names, and common short forms, as the English words of our lists.

Only what stands in names of events and traits; what is also an English word with another meaning is left out.
"""

_GERMAN = """
registriert=register registrierung=register anmeldung=login angemeldet=login konto=account angelegt=create
erstellt=create neu=new eingeladen=invite einladung=invite versendet=send gesendet=send verschickt=send
verbunden=connect verknuepft=connect aktiviert=activate schritt=step abgeschlossen=complete beendet=end
einrichtung=setup erste=first erster=first erstes=first begonnen=start gestartet=start beginn=start
fehlgeschlagen=fail fehler=error abgebrochen=abort grenze=limit erreicht=reach ueberschritten=exceed
kontingent=quota preise=pricing preisseite=pricing preis=price angesehen=view aufgerufen=view geoeffnet=open
eroeffnet=open verglichen=compare vergleich=compare testphase=trial probezeit=trial probe=trial abo=subscription
abonnement=subscription gekuendigt=cancel kuendigung=cancel kasse=checkout bezahlvorgang=checkout zahlung=payment
zahlungsdaten=payment_method zahlungsmittel=payment_method hinterlegt=add bezahlt=pay rechnung=invoice
angefragt=request anfrage=request anfragen=request vertrieb=sales kontaktiert=contact kontakt=contact frage=question
gestellt=ask geloest=solve bewertet=rate bewertung=rating nutzungsbedingungen=term agb=term datenschutz=privacy
sicherheit=security gelesen=read probiert=try ausprobiert=try gesperrt=locked firma=company unternehmen=company
firmenname=company_name webseite=website tarif=plan zahlend=pay waehrung=currency plaetze=seat lizenzen=license
belegt=used genutzt=used verbraucht=used enthalten=included erlaubt=allowed mitarbeiter=employee
mitarbeiterzahl=employee branche=industry umsatz=revenue monatlich=month monatsumsatz=month_revenue jaehrlich=year
vorname=first_name nachname=last_name abteilung=department rolle=role stelle=position beruf=job telefon=phone
telefonnummer=phone anwendungsfall=use_case quelle=source herkunft=source verlaengerung=renew ende=end endet=end
werkzeuge=tool nachricht=message betreff=subject thema=topic grund=reason datei=file betrag=amount zeitraum=period
intervall=interval anzahl=count gesamt=total funktion=feature nutzer=user benutzer=user erstes=first am=at
mitglied=member hinzugefuegt=add geschlossen=close erledigt=solve behoben=solve gemeldet=report
zufriedenheit=satisfaction premiumfunktion=premium_feature freigeschaltet=unlock aufgebraucht=exhaust
ausgeschoepft=exhaust abgelehnt=decline gescheitert=fail bestellt=order gekauft=buy testzeitraum=trial
testversion=trial hochgeladen=upload veroeffentlicht=publish erzeugt=create gebucht=book vereinbart=schedule
einrichtungsschritt=setup_step eingerichtet=setup schnittstelle=integration angebunden=connect anbindung=integration
importiert=import kollege=colleague kollegin=colleague teammitglied=teammate tarifvergleich=plan_compare
sitzplaetze=seat arbeitsplaetze=seat nutzerplaetze=seat land=country firmengroesse=company_size groesse=size
beschaeftigte=employee kunde=customer seit=since ablauf=expire laeuft=run bis=until titel=title zahlt=pay
kostenlos=free gratis=free inhaber=owner eigentuemer=owner leser=viewer einladungen=invite
"""
_FRENCH = """
inscription=signup inscrit=signup compte=account cree=create creee=create creation=create invite=invite
invitation=invite envoye=send envoyee=send connecte=connect connectee=connect activee=activate etape=step
terminee=complete termine=complete premier=first premiere=first demarre=start demarree=start commence=start
echoue=fail echouee=fail echec=fail erreur=error limite=limit atteinte=reach atteint=reach depassee=exceed
depasse=exceed tarifs=pricing prix=price consulte=view consultee=view vue=view ouverte=open essai=trial
abonnement=subscription resilie=cancel resiliation=cancel annule=cancel annulee=cancel paiement=payment
facture=invoice payee=pay paye=pay demande=request demandee=request commercial=sales contacte=contact posee=ask
resolu=solve note=note notee=rate evalue=rate conditions=term confidentialite=privacy securite=security
entreprise=company societe=company forfait=plan formule=plan offre=plan payant=pay devise=currency sieges=seat
licences=license utilises=used utilise=used inclus=included effectif=employee salaries=employee employes=employee
secteur=industry revenu=revenue mensuel=month annuel=year prenom=first_name nomdefamille=last_name poste=position
fonction=job telephone=phone usage=usage origine=source renouvellement=renew fin=end outils=tool sujet=subject
motif=reason raison=reason fichier=file montant=amount periode=period nombre=count fonctionnalite=feature
utilisateur=user membre=member ajoute=add resolue=solve cloture=close cloturee=close fermee=close ouvert=open
avis=feedback verrouillee=locked verrouille=locked achete=buy achat=purchase souscrit=subscribe
souscription=subscription refuse=decline carte=card ajoutee=add collegue=colleague devis=quote appel=call
places=seat occupees=used taille=size nom=name depuis=since client=customer gratuit=free administrateur=admin
proprietaire=owner lecteur=viewer essayee=try essaye=try
"""
_SPANISH = """
registro=signup registrado=register cuenta=account creada=create creado=create invitado=invite invitacion=invite
enviada=send enviado=send conectada=connect conectado=connect paso=step completado=complete completada=complete
primer=first primera=first iniciada=start iniciado=start fallida=fail fallido=fail fallo=fail limite=limit
alcanzado=reach superado=exceed precios=pricing precio=price vista=view visto=view abierto=open comparados=compare
prueba=trial suscripcion=subscription cancelada=cancel cancelado=cancel pago=payment factura=invoice pagada=pay
solicitada=request solicitado=request ventas=sales contactado=contact pregunta=question resuelto=solve valorado=rate
terminos=term privacidad=privacy seguridad=security empresa=company pagando=pay moneda=currency asientos=seat
licencias=license usados=used usadas=used incluidos=included empleados=employee sector=industry ingresos=revenue
mensual=month mensuales=month anual=year nombre=name apellido=last_name apellidos=last_name cargo=position
puesto=position departamento=department telefono=phone pais=country origen=source renovacion=renew herramientas=tool
mensaje=message asunto=subject tema=topic motivo=reason archivo=file importe=amount periodo=period cantidad=count
usuario=user miembro=member rol=role correo=email equipo=team companero=colleague resuelta=solve cerrado=close
cerrada=close abierta=open valorada=rate bloqueada=locked funcion=feature comprada=buy compra=purchase tarjeta=card
anadida=add rechazado=decline rechazada=decline agotado=exhaust cuota=quota plazas=seat ocupadas=used tamano=size
desde=since cliente=customer administrador=admin propietario=owner probada=try
"""
_DUTCH = """
aangemeld=login geregistreerd=register aangemaakt=create uitgenodigd=invite uitnodiging=invite verstuurd=send
gekoppeld=connect koppeling=integration stap=step afgerond=complete eerste=first gestart=start mislukt=fail
limiet=limit bereikt=reach prijzen=pricing bekeken=view geopend=open vergeleken=compare proefperiode=trial
abonnement=subscription opgezegd=cancel betaling=payment factuur=invoice betaald=pay aangevraagd=request
verkoop=sales vraag=question opgelost=solve beoordeeld=rate voorwaarden=term bedrijf=company
bedrijfsnaam=company_name pakket=plan betalend=pay valuta=currency plaatsen=seat gebruikt=used medewerkers=employee
sector=industry omzet=revenue maandelijks=month jaarlijks=year voornaam=first_name achternaam=last_name
afdeling=department functie=position telefoon=phone land=country bron=source verlenging=renew einde=end
bericht=message beheerder=admin eigenaar=owner klant=customer grootte=size gesloten=close onderwerp=subject
reden=reason bestand=file bedrag=amount aantal=count gebruiker=user
"""
_SHORT = """
acct=account org=org emp=employee emps=employee cnt=count qty=quantity dt=date ts=at usr=user cust=customer
subs=subscription rev=revenue lic=license ctry=country mth=month yr=year amt=amount msg=message cat=category
num=number addr=address curr=currency dept=department tel=phone fn=first_name ln=last_name biz=business
intg=integration qta=quota mgr=manager pmt=payment inv=invoice tkt=ticket req=request reg=register
"""


def _read(*lists: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in " ".join(lists).split():
        word, _, meant = entry.partition("=")
        if meant != word:
            found[word] = tuple(meant.split("_"))
    return found


MEANT = _read(_DUTCH, _SPANISH, _FRENCH, _GERMAN, _SHORT)
